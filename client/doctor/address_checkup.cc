// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/address_checkup.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/doctor/clock_check.h"
#include "client/doctor/operator_findings.h"
#include "client/doctor/tls_probe.h"
#include "server/http/curl/curl_proxy.h"
#include "server/http/tls/trust_store.h"
#include "server/operator/api_key_use.h"
#include "server/operator/test_identities.h"
#include "server/status/reason.h"

namespace uid2::doctor {

const std::vector<AddressCheckup::Step>& AddressCheckup::Steps() {
  using Self = AddressCheckup;
  static const std::vector<Step>& steps = *new std::vector<Step>{
      {"api_key", &Self::ApiKey},
      {"dns", &Self::Dns},
      {"tcp", &Self::Tcp},
      {"tls", &Self::Tls},
      {"http", &Self::Http},
      {"credentials", &Self::Credentials},
      {"clock", &Self::ClockOffset},
      {"generate", &Self::Generate},
      {"refresh", &Self::Refresh},
      {"opt_out", &Self::OptOut},
      {"refresh_opt_out", &Self::RefreshOptOut},
  };
  return steps;
}

void AddressCheckup::Run(absl::string_view failed) {
  for (const Step& step : Steps()) {
    if (!failed.empty()) {
      Report({Severity::kSkipped, std::string(step.check), absl::StrCat("fix ", failed, " first"),
              "", ""});
    } else if (!(this->*step.run)()) {
      failed = step.check;
    }
  }
}

bool AddressCheckup::Report(const Finding& finding) {
  report_(finding);
  return finding.severity != Severity::kError;
}

bool AddressCheckup::ApiKey() {
  absl::StatusOr<OperatorAddress> address = ParseOperatorAddress(subject_.operator_url);
  // LoadConfiguration() has already parsed it.
  if (address.ok()) address_ = *std::move(address);
  const ApiKeyUse use = CheckApiKeyUse(*subject_.credentials, subject_.scope, address_.host,
                                       subject_.credentials_dir);
  return Report(
      {use.matches ? Severity::kOk : Severity::kWarning, "api_key", use.text, use.fix, ""});
}

bool AddressCheckup::SkippedForProxy(const std::string& check) {
  if (!UsesProxy(subject_.operator_url, subject_.http)) return false;
  return Report({Severity::kSkipped, check,
                 absl::StrCat("calls go through the proxy ", subject_.http.proxy_url), "", ""});
}

bool AddressCheckup::Dns() {
  if (SkippedForProxy("dns")) return true;
  absl::StatusOr<std::vector<SocketAddress>> addresses = Resolve(address_);
  if (!addresses.ok()) {
    return Report(
        {Severity::kError, "dns",
         absl::StrCat("cannot resolve ", address_.host, ": ", addresses.status().message()),
         "fix the host in operator_url, or name resolution on this machine (/etc/resolv.conf; in "
         "Kubernetes, the cluster's DNS and network policies)",
         ""});
  }
  addresses_ = *std::move(addresses);
  const std::string texts = absl::StrJoin(
      addresses_, ", ",
      [](std::string* out, const SocketAddress& address) { absl::StrAppend(out, address.text); });
  return Report(
      {Severity::kOk, "dns", absl::StrCat(address_.host, " resolves to ", texts), "", ""});
}

bool AddressCheckup::Tcp() {
  if (SkippedForProxy("tcp")) return true;
  std::vector<std::string> failures;
  for (const SocketAddress& address : addresses_) {
    absl::StatusOr<FileDescriptor> fd = Connect(address, subject_.http.connect_timeout);
    if (!fd.ok()) {
      failures.push_back(
          absl::StrCat(address.text, " port ", address_.port, ": ", fd.status().message()));
    } else if (!connection_.valid()) {
      connection_ = *std::move(fd);
    }
  }
  const std::string failed = absl::StrJoin(failures, "; ");
  if (!connection_.valid()) {
    return Report({Severity::kError, "tcp", absl::StrCat("cannot connect to ", failed),
                   "fix the port in operator_url, or allow outgoing connections from this machine: "
                   "firewall, egress rules, network policies",
                   ""});
  }
  if (!failures.empty()) {
    return Report({Severity::kWarning, "tcp", absl::StrCat("some addresses fail: ", failed),
                   "calls lose time on them: allow connections from this machine to all addresses",
                   ""});
  }
  return Report({Severity::kOk, "tcp", absl::StrCat("connected to port ", address_.port), "", ""});
}

bool AddressCheckup::Tls() {
  if (SkippedForProxy("tls")) return true;
  if (!address_.tls) {
    return Report({Severity::kSkipped, "tls", "operator_url is plain http on loopback", "", ""});
  }
  const absl::StatusOr<TlsProbe> probe =
      ProbeTls(connection_.get(), address_.host, *subject_.authorities);
  return Report(CheckTls(probe, address_.host, clock_.Now()));
}

bool AddressCheckup::Http() {
  absl::StatusOr<std::unique_ptr<OperatorCalls>> calls =
      OperatorCalls::New(subject_.operator_url, subject_.scope, subject_.credentials, subject_.http,
                         subject_.authorities, clock_);
  if (!calls.ok()) {
    return Report({Severity::kError, "http", std::string(calls.status().message()),
                   "fix operator_connection", ""});
  }
  calls_ = *std::move(calls);
  generated_ = calls_->Generate(kIssuedTestHash);
  return Report(HttpFinding(*generated_));
}

bool AddressCheckup::Credentials() {
  return Report(CredentialsFinding(generated_->reply, subject_.credentials_dir));
}

bool AddressCheckup::ClockOffset() {
  const bool rejected = ReasonOf(generated_->reply.status()) == identity::v1::CLOCK_SKEW;
  if (rejected) {
    // Continue with the operator's time, so that the remaining checks can find other problems.
    absl::optional<OperatorCalls::Generated> accepted = FindClock(*calls_, kIssuedTestHash);
    if (!accepted.has_value()) return Report(UnknownClockFinding());
    generated_ = std::move(accepted);
  }
  if (!generated_->operator_ahead.has_value()) {
    return Report({Severity::kSkipped, "clock",
                   "the operator sent no encrypted reply, so its time is unknown", "", ""});
  }
  Report(ClockFinding(*generated_->operator_ahead));
  return true;
}

bool AddressCheckup::Generate() {
  return Report(GenerateFinding(generated_->reply, generated_->took));
}

bool AddressCheckup::Refresh() {
  // The next check is useful even if this one fails.
  Report(RefreshFinding(calls_->Refresh(*generated_->reply->identity)));
  return true;
}

bool AddressCheckup::OptOut() {
  Report(OptOutFinding(calls_->Generate(kOptedOutTestHash).reply));
  return true;
}

bool AddressCheckup::RefreshOptOut() {
  const absl::StatusOr<TokenGenerateReply> issued =
      calls_->Generate(kOptedOutAtRefreshTestHash).reply;
  if (!issued.ok() || !issued->identity.has_value()) {
    return Report(RefreshOptOutFinding(
        issued.ok() ? absl::FailedPreconditionError("the operator issued no identity")
                    : issued.status()));
  }
  return Report(RefreshOptOutFinding(calls_->Refresh(*issued->identity)));
}

}  // namespace uid2::doctor
