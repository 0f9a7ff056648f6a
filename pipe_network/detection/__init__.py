"""That there is a leak, since when and how large, from what flows and pressures do over time.

All is arrays over time; NaN is a value that is missing. Where the leak is, `pipe_network.localization` says.
"""
