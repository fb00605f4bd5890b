"""The durable record of every accepted mail, kept before anything looks inside."""
