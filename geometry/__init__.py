"""The ground floor: frames, polygons, meshes and rays; knows nothing of twins, pipes or telemetry."""
