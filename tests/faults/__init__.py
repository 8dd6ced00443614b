"""Faults on purpose: the real executable is killed, its disk is full, its file is damaged.

After each, `gamify store verify` holds or names the damage, what was acknowledged is there, no key
paid twice and no code went out twice. `test_faults` takes seconds, `python -m faults` a minute.
"""
