"""The wire: MQTT in and out, binding, history and the runtime that owns clock and state."""
