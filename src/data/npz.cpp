#include "data/npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <memory>
#include <string>

#include "core/text.h"
#include "data/arrays.h"

namespace podium::data {

namespace {

struct ArchiveDeleter {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};
struct MemberDeleter {
  void operator()(zip_file_t* member) const noexcept { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, ArchiveDeleter>;
using Member = std::unique_ptr<zip_file_t, MemberDeleter>;

std::string shown(const std::filesystem::path& file) {
  return printable(file.string());
}

Result<Archive> open_archive(const std::filesystem::path& file) {
  int code = 0;
  Archive archive(zip_open(file.c_str(), ZIP_RDONLY, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return fail(ErrorCode::bad_input, fmt::format("cannot read '{}': {}", shown(file), reason), "Save it again with numpy.savez.");
}

std::vector<std::string> keys_of(zip_t* archive) {
  std::vector<std::string> keys;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    std::string key = name == nullptr ? "" : name;
    if (key.ends_with(".npy")) keys.push_back(key.substr(0, key.size() - 4));
  }
  return keys;
}

ReadExactly reader_of(zip_file_t* member) {
  return [member](std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      const zip_int64_t count = zip_fread(member, bytes.data(), bytes.size());
      if (count <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
  };
}

tl::unexpected<Error> no_such_key(zip_t* archive, const std::filesystem::path& file, const std::string& name) {
  std::vector<std::string> keys = keys_of(archive);
  const std::string hint = did_you_mean(name, keys);
  constexpr std::size_t shown_keys = 20;
  keys.resize(std::min(keys.size(), shown_keys));
  return fail(ErrorCode::bad_input,
              fmt::format("'{}' has no array for the model's input '{}'{} (it has: {})", shown(file), printable(name), printable(hint),
                          keys.empty() ? "none" : printable(join(keys, ", "))),
              "Save it with the input names as keys: numpy.savez(FILE, **{name: array}).");
}

Result<ArraySamples> read_member(zip_t* archive, const std::filesystem::path& file, const WantedInput& input, std::size_t limit) {
  const zip_int64_t place = zip_name_locate(archive, (input.name + ".npy").c_str(), ZIP_FL_ENC_RAW);
  if (place < 0) return no_such_key(archive, file, input.name);
  const std::string where = fmt::format("the array '{}' of '{}'", printable(input.name), shown(file));
  const Member member(zip_fopen_index(archive, static_cast<zip_uint64_t>(place), 0));
  if (!member)
    return fail(ErrorCode::bad_input, fmt::format("cannot read {}: {}", where, zip_strerror(archive)), "Save it again with numpy.savez.");
  return read_array(reader_of(member.get()), input, limit, where);
}

}  // namespace

Result<std::vector<Sample>> read_npz(const std::filesystem::path& file, const std::vector<WantedInput>& inputs, std::size_t limit) {
  const Result<Archive> archive = open_archive(file);
  if (!archive) return tl::unexpected(archive.error());
  std::vector<ArraySamples> arrays;
  for (const WantedInput& input : inputs) {
    Result<ArraySamples> array = read_member(archive->get(), file, input, limit);
    if (!array) return tl::unexpected(array.error());
    arrays.push_back(std::move(*array));
  }
  return combine(std::move(arrays), inputs, shown(file));
}

}  // namespace podium::data
