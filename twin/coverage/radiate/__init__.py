"""What detectors, loudspeakers, access points and lamps reach."""
