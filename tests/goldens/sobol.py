"""Writes sobol.json: points of the Sobol sequence as scipy has them.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scipy==1.17.1
    /tmp/goldens/bin/python tests/goldens/sobol.py > tests/goldens/sobol.json
"""

import json
import warnings

import scipy
from scipy.stats import qmc

warnings.simplefilter("ignore")
first = qmc.Sobol(d=12, scramble=False).random(64)
wide = qmc.Sobol(d=1111, scramble=False).fast_forward(5000).random(1)[0]
print(
    json.dumps(
        {
            "source": f"scipy {scipy.__version__}, qmc.Sobol(scramble=False)",
            "first": first.tolist(),
            "wide": {"index": 5000, "point": wide.tolist()},
        }
    )
)
