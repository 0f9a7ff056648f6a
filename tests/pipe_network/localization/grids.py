"""A town of right angles, to look for leaks in."""

from pipe_network.inp import parse
from pipe_network.model import Network


def grid(side: int = 7, *, meshes_m: float = 120.0, tank: bool = False) -> Network:
    """A square net of streets fed at one corner, and if asked a high part behind a pump and a tank."""
    names = [[f"g{i}-{k}" for k in range(side)] for i in range(side)]
    junctions = [f"{names[i][k]} {(i + 2 * k) % 5} 1.2" for i in range(side) for k in range(side)]
    pipes = [f"in r {names[0][0]} 50 250 130"]
    for i in range(side):
        for k in range(side):
            if i + 1 < side:
                pipes.append(f"x{i}-{k} {names[i][k]} {names[i + 1][k]} {meshes_m} {100 + 25 * ((i + k) % 3)} 120")
            if k + 1 < side:
                pipes.append(f"y{i}-{k} {names[i][k]} {names[i][k + 1]} {meshes_m} {100 + 25 * ((i * k) % 3)} 120")
    more = ""
    if tank:
        pipes += ["t1 t h0 80 150 120", "t2 h0 h1 150 100 120", "t3 h1 h2 150 100 120"]
        junctions += ["h0 20 2", "h1 20 2", "h2 20 2"]
        more = f"[TANKS]\nt 60 3 0.5 5 9\n[PUMPS]\nup {names[-1][-1]} t HEAD c\n[CURVES]\nc 20 40\n[CONTROLS]\n"
        more += "LINK up CLOSED IF NODE t ABOVE 4.5\nLINK up OPEN IF NODE t BELOW 1.5\n"
    places = "\n".join(f"{names[i][k]} {100 * i} {100 * k}" for i in range(side) for k in range(side))
    day = " ".join(str(v) for v in (0.4, 0.3, 0.3, 0.4, 0.7, 1.1, 1.5, 1.4, 1.2, 1.1, 1.0, 1.0))
    text = "[JUNCTIONS]\n" + "\n".join(junctions) + "\n[RESERVOIRS]\nr 60\n[PIPES]\n" + "\n".join(pipes) + "\n" + more
    text += f"[PATTERNS]\nday {day}\n[COORDINATES]\n{places}\n[OPTIONS]\nUNITS CMH\nHEADLOSS H-W\nPATTERN day\n"
    return parse(text + "[TIMES]\nDURATION 24:00\nHYDRAULIC TIMESTEP 1:00\nPATTERN TIMESTEP 2:00\n")
