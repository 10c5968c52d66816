// SPDX-License-Identifier: Apache-2.0

#include "client/cli/batch_results.h"

#include <fcntl.h>
#include <rapidjson/document.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/line_reader.h"

namespace uid2::cli {
namespace {

absl::Status Unusable(absl::string_view what, const std::string& path) {
  return absl::NotFoundError(absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
}

absl::StatusOr<FileDescriptor> Open(const std::string& path, int flags) {
  FileDescriptor file(open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.valid()) return Unusable("open", path);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("another batch is writing to ", path));
  }
  return file;
}

absl::Status WriteAll(int descriptor, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return absl::DataLossError(
          absl::StrCat("the results cannot be written: ", std::strerror(errno)));
    }
    text.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

struct Result {
  int64_t number = 0;
  bool has_outcome = false;
};

absl::optional<Result> ParseResult(const std::string& text) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject() || !json.HasMember("line") ||
      !json["line"].IsInt64()) {
    return absl::nullopt;
  }
  return Result{json["line"].GetInt64(), json.HasMember("outcome")};
}

}  // namespace

absl::StatusOr<BatchResults> BatchResults::Create(const std::string& path) {
  absl::StatusOr<FileDescriptor> file = Open(path, O_WRONLY | O_CREAT | O_APPEND);
  if (!file.ok()) return file.status();
  struct stat information;
  if (fstat(file->get(), &information) != 0) return Unusable("open", path);
  if (information.st_size > 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " exists: add --resume to continue it, or name another file with --out"));
  }
  return BatchResults(*std::move(file));
}

absl::StatusOr<BatchResults> BatchResults::Resume(const std::string& path) {
  // The lock is taken on the old file first, so that only one batch replaces it.
  const absl::StatusOr<FileDescriptor> old = Open(path, O_RDWR | O_CREAT);
  if (!old.ok()) return old.status();
  const std::string next = path + ".tmp";
  absl::StatusOr<FileDescriptor> file = Open(next, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
  if (!file.ok()) return file.status();
  BatchResults results(*std::move(file));
  if (absl::Status status = results.Keep(*old, path); !status.ok()) {
    (void)unlink(next.c_str());
    return status;
  }
  if (std::rename(next.c_str(), path.c_str()) != 0) return Unusable("replace", path);
  return results;
}

absl::Status BatchResults::Keep(const FileDescriptor& old, const std::string& path) {
  LineReader reader(old.get());
  while (!reader.ended()) {
    const absl::optional<NumberedLine> line = reader.Next();
    if (!line.has_value()) {
      if (absl::Status status = reader.Fill(); !status.ok()) return status;
      continue;
    }
    const absl::optional<Result> result = ParseResult(line->text);
    if (!result.has_value()) {
      // The batch was ended while it wrote.
      if (reader.last_is_unfinished()) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat(
          path, ":", line->number, " is not a result of a batch; name another file with --out"));
    }
    if (!result->has_outcome) continue;
    if (absl::Status status = WriteAll(descriptor_, line->text + "\n"); !status.ok()) return status;
    done_.insert(result->number);
    last_done_ = std::max(last_done_, result->number);
  }
  return absl::OkStatus();
}

absl::Status BatchResults::Write(int64_t number, absl::string_view result) const {
  return WriteAll(descriptor_, absl::StrCat("{\"line\":", number, ",", result.substr(1), "\n"));
}

}  // namespace uid2::cli
