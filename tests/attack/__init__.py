"""An attacker on what is public: it knows docs/disclosure.md and the JSON, and bounds every number that is hidden."""
