"""What mails leave in memory is used again."""

import subprocess
import sys

COPIES = """
import resource
from maild.service.garbage import keep_freed_memory

def pages_asked_for():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        mail = bytes(200_000)
        copies = (mail + b"x")[2:]
        del mail, copies
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = pages_asked_for()
keep_freed_memory()
pages_asked_for()  # the heap grows to what is wanted
print(before, pages_asked_for())
"""


def test_a_hundred_large_mails_ask_the_kernel_for_memory_once_not_each():
    run = subprocess.run([sys.executable, "-c", COPIES], check=True, capture_output=True, text=True)
    before, after = map(int, run.stdout.split())
    assert after < 100 < 1_000 < before
