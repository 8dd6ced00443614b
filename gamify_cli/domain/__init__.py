"""What gamify knows about participants, free of clocks, files and connections.

A command is *decided* into facts (`decide`), each fact is folded into a participant
(`participant.evolve`), and a participant is shown in a documented shape (`views`).
"""
