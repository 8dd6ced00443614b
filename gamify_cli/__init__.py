"""gamify: administer the participants of a gamification platform from the command line."""

__version__ = "0.1.0"
