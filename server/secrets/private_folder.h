// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_PRIVATE_FOLDER_H_
#define SERVER_SECRETS_PRIVATE_FOLDER_H_

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// A folder that only this process uses, in which it publishes sets of files for a library that
// reads secrets from files. All files of a set appear at the same moment: each set is a folder of
// its own, and `current` is a symbolic link to the latest, which is replaced by a rename.
// Thread-compatible.
class PrivateFolder {
 public:
  struct File {
    std::string name;
    absl::string_view content;
  };

  // Fails with kInvalidArgument, and says what to do, if Open() would fail. Changes nothing.
  static absl::Status Check(const std::string& path);

  // Creates the folder, with mode 0700, if it does not exist; its parent must. Removes the sets
  // that an earlier process has left there, but no other files. `names` are the files that sets
  // consist of.
  //
  // Fails with kInvalidArgument, and says what to do, if the folder is a symbolic link, belongs to
  // another user, can be written by others, or is in use by another process.
  static absl::StatusOr<std::unique_ptr<PrivateFolder>> Open(const std::string& path,
                                                             std::vector<std::string> names);

  // Removes the sets.
  ~PrivateFolder();

  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  // Publishes a set in place of the previous one, which is removed. Files have the mode 0600. Their
  // modification times, in whole seconds, are later than those of all previous sets, because gRPC
  // compares these times to find out whether it has read a key and a certificate of the same set.
  // If the folder is no longer at its path, it is opened there anew. If this fails, the previous
  // set stays.
  absl::Status Publish(const std::vector<File>& files);

  // Whether the files of the latest set are where CurrentPath() says. They are not if somebody
  // else, such as a cleaner of temporary files, has removed them or replaced the folder.
  bool IsPublished() const;

  // The path of a file of the latest set.
  std::string CurrentPath(absl::string_view name) const;

 private:
  PrivateFolder(std::string path, FileDescriptor folder, std::vector<std::string> names);

  absl::Status FollowPath();
  absl::Status WriteFiles(const std::string& set, const std::vector<File>& files);
  absl::Status WriteFile(int set, const File& file);
  // Has no effect on files of other names, or if the set does not exist.
  void RemoveSet(const std::string& set);
  void RemoveAll();
  // An error that names the folder and errno.
  absl::Status Error(absl::string_view what) const;

  const std::string path_;
  FileDescriptor folder_;
  const std::vector<std::string> names_;
  int sets_ = 0;
  // The name of the latest set, empty if there is none, and the names of its files.
  std::string latest_;
  std::vector<std::string> published_;
  // The modification time of the latest set.
  std::time_t modified_ = 0;
};

}  // namespace uid2

#endif  // SERVER_SECRETS_PRIVATE_FOLDER_H_
