"""The environment that every test shares. It is set before anything of the program is imported.

Tests draw off screen and never ask the network; they leave nothing behind in the user's own folders. Set
STUDIO_TEST_DISPLAY=1 to see the windows on a real (or virtual) display instead.
"""

import atexit
import os
import shutil
import tempfile

THREADS = "1"  # the tests run side by side (packaging/dev.py), and networks this small only wait for each other's threads

if not os.environ.get("STUDIO_TEST_DISPLAY"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["LC_ALL"] = "C.UTF-8"  # tests read the window in English, also where the system speaks German
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = THREADS

_home = tempfile.mkdtemp(prefix="studio-tests-")
os.environ["STUDIO_HOME"] = _home  # settings, queue, gallery and caches
atexit.register(shutil.rmtree, _home, ignore_errors=True)
