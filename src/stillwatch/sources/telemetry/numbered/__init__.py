"""Words that stand under numbered names such as `gen_ai.prompt.0.content`, of many spans at once."""
