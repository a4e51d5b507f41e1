#include "import/pt2_archive.h"

#include <fmt/format.h>
#include <zip.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/text.h"

namespace podium::import {
namespace {

constexpr std::string_view export_remedy =
    "write it with torch.export.save(program, FILE) or torch._inductor.aoti_compile_and_package(program, package_path=FILE)";
constexpr zip_uint64_t largest_metadata = 1 << 20;
constexpr zip_int64_t most_members = 1'000'000;

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Member = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

tl::unexpected<Error> bad_archive(const std::filesystem::path& file, const std::string& what) {
  return fail(ErrorCode::bad_input, fmt::format("'{}' {}", printable(file.string()), what), std::string(export_remedy));
}

Result<Archive> open_archive(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return fail(ErrorCode::bad_input, fmt::format("there is no file '{}'", printable(file.string())), "check the path of MODEL");
  }
  int code = 0;
  Archive archive(zip_open(file.c_str(), ZIP_RDONLY, &code), &zip_discard);
  if (archive) return archive;
  zip_error_t reason;
  zip_error_init_with_code(&reason, code);
  const std::string text = zip_error_strerror(&reason);
  zip_error_fini(&reason);
  return bad_archive(file, fmt::format("is damaged or no .pt2 file: {}", text));
}

std::vector<std::string> member_names(zip_t* archive) {
  std::vector<std::string> names;
  const zip_int64_t count = std::min(zip_get_num_entries(archive, 0), most_members);
  for (zip_int64_t i = 0; i < count; ++i) {
    if (const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW); name != nullptr) names.emplace_back(name);
  }
  return names;
}

std::optional<std::string> read_member(zip_t* archive, const std::string& name) {
  zip_stat_t status;
  if (zip_stat(archive, name.c_str(), ZIP_FL_ENC_RAW, &status) != 0 || (status.valid & ZIP_STAT_SIZE) == 0 ||
      status.size > largest_metadata)
    return std::nullopt;
  const Member member(zip_fopen(archive, name.c_str(), ZIP_FL_ENC_RAW), &zip_fclose);
  if (!member) return std::nullopt;
  std::string content(status.size, '\0');
  const zip_int64_t read = zip_fread(member.get(), content.data(), content.size());
  return read == static_cast<zip_int64_t>(content.size()) ? std::optional(std::move(content)) : std::nullopt;
}

/// The part of a name behind the archive's own folder: "resnet/data/aotinductor/…" → "data/aotinductor/…".
std::string_view inside(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

void add_metadata(const std::string& text, std::map<std::string, std::string>& metadata) {
  const auto object = parse_json(text, "the metadata of the package");
  if (!object || !object->is_object()) return;
  for (const auto& [key, value] : object->items()) {
    if (value.is_string()) metadata[key] = value.get<std::string>();
  }
}

}  // namespace

Result<Pt2Archive> read_pt2_archive(const std::filesystem::path& file) {
  const auto archive = open_archive(file);
  if (!archive) return tl::unexpected(archive.error());
  bool has_program = false;
  bool has_code = false;
  Pt2Archive result;
  for (const std::string& name : member_names(archive->get())) {
    const std::string_view place = inside(name);
    // PyTorch 2.8 and later keep programs in models/, earlier ones in a single file.
    has_program = has_program || place.starts_with("models/") || place == "serialized_exported_program.json" ||
                  name == "serialized_exported_program.json";
    if (!place.starts_with("data/aotinductor/")) continue;
    has_code = has_code || place.ends_with(".so");
    if (!place.ends_with("_metadata.json")) continue;
    if (const auto text = read_member(archive->get(), name)) add_metadata(*text, result.metadata);
  }
  if (!has_program && !has_code)
    return bad_archive(file, "is a zip archive that holds neither an exported program nor an AOTInductor package");
  result.content = has_code ? Pt2Archive::Content::aoti_package : Pt2Archive::Content::exported_program;
  return result;
}

}  // namespace podium::import
