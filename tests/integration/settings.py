# SPDX-License-Identifier: Apache-2.0
"""Parts of the server's configuration that several test files use.

No test may depend on the speed of the machine. To see what follows a failure, waits and attempts
are short. To see a call in flight, its timeouts are so long that only the test ends it.
"""

# Retries follow at once, unless the operator asks for a wait.
QUICK_RETRIES = """
retry_policy {
  initial_backoff { nanos: 1000000 }
  initial_overload_backoff { nanos: 1000000 }
  max_backoff { nanos: 1000000 }
}
"""

# Hanging attempts end soon.
QUICK_ATTEMPTS = """
operator_connection {
  connect_timeout { nanos: 300000000 }
  request_timeout { nanos: 500000000 }
}
"""

# A call may take a minute, and so may one attempt.
PATIENT = """
max_call_time { seconds: 60 }
operator_connection { request_timeout { seconds: 60 } }
throttling { sampling_window { seconds: 120 } }
"""
# A caller's deadline that is longer than that.
PATIENT_DEADLINE_MS = 90_000

# The throttle remembers attempts for longer than any test takes.
LONG_MEMORY = "throttling { sampling_window { seconds: 600 } }\n"

# After three failures in a row, an address is left alone until the test ends.
LONG_EJECTION = """
address_ejection {
  base_ejection_time { seconds: 600 }
  max_ejection_time { seconds: 600 }
}
"""
