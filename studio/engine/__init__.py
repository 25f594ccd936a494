"""torch, and nothing of Qt: a request becomes a picture.

The setting below must be made before torch is imported. Threads of one operation wait for each other in a loop, by default for
about a millisecond; when another program keeps a core busy, every operation waits that long and a step takes a hundred
times as long (measured on two cores, one of them busy: 25 ms alone, over 2,000 ms by default, 100 ms with this, and
still 25 ms alone).
"""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "10000")
