"""Runs drongo's Firestore in the rivals' own environment; prints its address. Not imported by us."""

import os
import sys
import time

from drongo.services.firestore.emulator import FirestoreEmulator

emulator = FirestoreEmulator()
emulator.start()
print(os.environ[emulator.ENV_VAR], flush=True)
while sys.stdin.readline():  # until whoever started this one ends
    time.sleep(0)
