#include "data/picture_folder.h"

#include <fmt/format.h>

#include <system_error>

#include "core/sha256.h"
#include "core/text.h"
#include "data/picture_list.h"
#include "data/preprocess.h"

namespace podium::data {

namespace fs = std::filesystem;

namespace {

/// What the user declares, else what lies beside the pictures, else what the model declares, else the usual.
Result<Preprocessing> preprocessing_for(const fs::path& folder, const ReadOptions& options) {
  if (options.preprocessing) return *options.preprocessing;
  std::error_code error;
  const fs::path beside = folder / preprocessing_file_name;
  if (fs::exists(beside, error)) return read_preprocessing(beside);
  return options.of_the_model.value_or(Preprocessing{});
}

std::string description_of(const PictureList& listed, const fs::path& folder) {
  const char* plural = listed.files.size() == 1 ? "" : "s";
  if (!listed.labels) return fmt::format("{} picture{} from {}", listed.files.size(), plural, printable(folder.string()));
  const std::string left_out = listed.left_out == 0 ? "" : fmt::format(", {} without a label left out", listed.left_out);
  return fmt::format("{} labelled picture{} from {} (labels: {}{})", listed.files.size(), plural, printable(folder.string()),
                     printable(listed.labels->source), left_out);
}

Result<Sample> read_sample(const fs::path& file, const PictureLayout& layout, const Preprocessing& declared) {
  const Result<Picture> picture = read_picture(file);
  if (!picture) return tl::unexpected(picture.error());
  auto tensor = preprocess(*picture, layout, declared);
  if (tensor) return Sample{std::move(*tensor)};
  return fail(ErrorCode::bad_input, fmt::format("cannot use the picture '{}': {}", printable(file.string()), tensor.error()),
              "declare a larger \"resize\" in the preprocessing, or take the picture out");
}

}  // namespace

Result<InputSet> read_picture_folder(const fs::path& folder, const std::vector<WantedInput>& inputs, const ReadOptions& options) {
  if (inputs.size() != 1) {
    return fail(ErrorCode::wrong_use, fmt::format("the model has {} inputs, and a folder of pictures serves one", inputs.size()),
                "give its inputs as arrays: --data FILE.npz, with input names as keys");
  }
  const Result<Preprocessing> declared = preprocessing_for(folder, options);
  if (!declared) return tl::unexpected(declared.error());
  const Result<PictureLayout> layout = picture_layout(inputs.front(), *declared);
  if (!layout) return tl::unexpected(layout.error());
  Result<PictureList> listed = list_pictures(folder, options);
  if (!listed) return tl::unexpected(listed.error());
  InputSet set{inputs, {}, description_of(*listed, folder), true};
  set.available = listed->files.size();
  for (const PictureFile& picture : listed->files) {
    Result<Sample> sample = read_sample(picture.file, *layout, *declared);
    if (!sample) return tl::unexpected(sample.error());
    Result<std::string> hash = sha256_of_path(picture.file);
    if (!hash) return tl::unexpected(hash.error());
    set.samples.push_back(std::move(*sample));
    set.sources.push_back({picture.name, std::move(*hash)});
    if (options.on_progress && !options.on_progress(set.samples.size(), listed->files.size()))
      return fail(ErrorCode::cancelled, "stopped while pictures were read");
  }
  set.labels = std::move(listed->labels);
  return set;
}

}  // namespace podium::data
