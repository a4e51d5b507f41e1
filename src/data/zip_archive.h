#pragma once

#include <zip.h>

#include <filesystem>
#include <memory>

#include "core/result.h"
#include "data/npy.h"

namespace podium::data {

struct ArchiveDeleter {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
};
struct MemberDeleter {
  void operator()(zip_file_t* member) const noexcept { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, ArchiveDeleter>;
using Member = std::unique_ptr<zip_file_t, MemberDeleter>;

/// Opens a .npz for reading; the error names the file and libzip's reason.
[[nodiscard]] Result<Archive> open_archive(const std::filesystem::path& file);
/// Reads on in a member, which outlives the reader.
[[nodiscard]] ReadExactly reader_of(zip_file_t* member);

}  // namespace podium::data
