"""Bodies as people and scripts read them; knows shapes and streams, not where bodies come from."""
