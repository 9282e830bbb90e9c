"""An invitation: one single-use token that lets one person of a stakeholder group answer a survey."""
