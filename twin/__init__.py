"""The estate in its engineers' words: model, state, operations and journal."""
