"""What devices said, kept: readings over time, committed before they are acknowledged, shown at any zoom."""
