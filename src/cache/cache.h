#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "podium/cancel.h"

namespace podium::cache {

/// A folder of finished work, held so that no other run evicts it while this object lives.
class Entry {
 public:
  [[nodiscard]] const std::filesystem::path& folder() const noexcept;
  [[nodiscard]] bool was_there() const noexcept;  ///< found, not made now

 private:
  friend class Cache;
  struct State;
  std::shared_ptr<State> state_;
};

/// Results of slow work, by the hash of everything they depend on, under $XDG_CACHE_HOME/podium (or ~/.cache/podium).
/// Two runs at once are safe: one makes an entry (in a temporary folder, then renamed), the other waits for it.
/// Bounded: the least recently used entries go when the total passes the limit ($PODIUM_CACHE_LIMIT bytes, 20 GiB where unset).
class Cache {
 public:
  [[nodiscard]] static Result<Cache> open();
  [[nodiscard]] static Result<Cache> open(const std::filesystem::path& root, std::int64_t limit_bytes);

  /// The entry for `key_parts` under `kind` ("export", "aoti", …), made by `make` in an empty folder where it is not there yet.
  /// Where `make` fails nothing is kept and its error is returned. Waiting for another run's `make` ends when `cancel` is requested.
  [[nodiscard]] Result<Entry> get(const std::string& kind, const std::vector<std::string>& key_parts,
                                  const std::function<Result<void>(const std::filesystem::path& folder)>& make,
                                  const CancelToken* cancel = nullptr);
  /// A folder that engines may write to while they run (a compiler's own cache); created where it is not there, shared by runs, evicted as
  /// a whole.
  [[nodiscard]] Result<Entry> working_folder(const std::string& kind, const std::vector<std::string>& key_parts);
  /// Where such a folder lies, if it is there: not made, not counted as used, and not held, so that what is in it may vanish at any moment.
  [[nodiscard]] std::optional<std::filesystem::path> existing_working_folder(const std::string& kind,
                                                                             const std::vector<std::string>& key_parts) const;

 private:
  explicit Cache(std::filesystem::path root, std::int64_t limit_bytes);
  std::filesystem::path root_;
  std::int64_t limit_bytes_;
};

}  // namespace podium::cache
