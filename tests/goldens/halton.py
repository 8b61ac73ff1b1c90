"""Writes halton.json: points of the Halton sequence as scipy has them.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scipy==1.15.3
    /tmp/goldens/bin/python tests/goldens/halton.py > tests/goldens/halton.json
"""

import json

import scipy
from scipy.stats import qmc

points = qmc.Halton(d=5, scramble=False).random(40)
print(json.dumps({"source": f"scipy {scipy.__version__}, qmc.Halton(d=5, scramble=False)", "points": points.tolist()}))
