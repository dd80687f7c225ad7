"""The pages in docs/rules are what `concadvise rules docs` writes: rule_pages.py CONCADVISE FOLDER"""
import filecmp
import os
import subprocess
import sys
import tempfile

concadvise, folder = sys.argv[1:]
with tempfile.TemporaryDirectory() as written:
    subprocess.run([concadvise, "rules", "docs", written], check=True)
    names = sorted(set(os.listdir(written)) | set(os.listdir(folder)))
    differ = [name for name in names if name not in filecmp.cmpfiles(written, folder, names, shallow=False)[0]]
if differ:
    sys.exit(f"not what the checks say: {', '.join(differ)}\n  Write them anew: concadvise rules docs docs/rules")
