"""The life of a sample estate: what its gateways would publish, computed and not drawn by lot.

`run.Simulation` steps the estate and yields messages as data; it knows no broker. Models (`water`, `homes`, `plant`,
`grounds`, `fire`) write true values; `instruments` turns them into what devices report; `wire` into topics and
payloads.
"""
