"""Parts of the server's configuration that several test files use.

A test must not depend on how fast the machine is. Where it is about what follows a failure, waits
and attempts are short. Where it is about a call in flight, nothing ends by itself before the test
decides so.
"""

# The waits between attempts are over at once, unless the operator asks for one.
QUICK_RETRIES = """
retries {
  base_delay { nanos: 1000000 }
  overload_delay { nanos: 1000000 }
  longest_delay { nanos: 1000000 }
}
"""

# An attempt that hangs ends soon.
QUICK_ATTEMPTS = """
operator_connection {
  connect_timeout { nanos: 300000000 }
  request_timeout { nanos: 500000000 }
}
"""

# A call may take a minute, and one attempt all of it.
PATIENT = """
max_call_time { seconds: 60 }
operator_connection { request_timeout { seconds: 60 } }
throttling { window { seconds: 120 } }
"""
# Longer than PATIENT lets a call take, for callers.
PATIENT_DEADLINE_MS = 90_000

# What the operator has answered counts for longer than any test takes.
LONG_MEMORY = "throttling { window { seconds: 600 } }\n"

# An address that has failed three times in a row is left alone for the rest of the test.
LONG_REST = "address_rest { first_rest { seconds: 600 } longest_rest { seconds: 600 } }\n"
