"""`/learning`: short pieces with three questions, and the record of what somebody has finished."""
