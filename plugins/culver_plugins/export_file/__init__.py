"""Events as lines in a file: ``event_exporter { transport = file  transport_args = PATH }``."""
