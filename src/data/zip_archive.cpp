#include "data/zip_archive.h"

#include <fmt/format.h>

#include <string>

#include "core/text.h"

namespace podium::data {

Result<Archive> open_archive(const std::filesystem::path& file) {
  int code = 0;
  Archive archive(zip_open(file.c_str(), ZIP_RDONLY, &code));
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return fail(ErrorCode::bad_input, fmt::format("cannot read '{}': {}", printable(file.string()), reason),
              "save it again with numpy.savez");
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

}  // namespace podium::data
