"""A simple model of what the commands promise, written from the rules alone.

`commands` has what each command answers, `people` what is kept of a participant, `points`,
`streaks` and `events` the rules of their subjects, `program.toml` the program that it reads.
"""
