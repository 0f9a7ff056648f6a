"""What people and rules decide on the estate: alarms, work orders, the crew's way. Pure; `desk` is the front door."""
