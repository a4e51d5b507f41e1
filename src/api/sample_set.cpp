#include "api/sample_set.h"

#include <fmt/format.h>

#include <numeric>
#include <set>

#include "api/packaged_photos.h"
#include "api/python_samples.h"
#include "core/text.h"
#include "data/split.h"

namespace podium::api {
namespace {

data::Sample stand_in(const std::string& hash) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(hash.data());
  return {std::vector<std::byte>(bytes, bytes + hash.size())};
}

std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> indices(count);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

}  // namespace

Result<SampleSet> SampleSet::read(const std::filesystem::path& path, const std::vector<data::WantedInput>& inputs,
                                  const data::ReadOptions& options, const CancelToken& cancel) {
  SampleSet set;
  std::filesystem::path file = path;
  if (is_made_in_python(path)) {
    auto made = make_samples(path, inputs, options, cancel);
    if (!made) return tl::unexpected(made.error());
    set.folder_ = made->folder;
    file = made->file;
  }
  if (file.extension() == ".npz") {
    // What cannot be streamed (samples of text of different lengths, say) is read below, and told there if it is wrong.
    if (auto stream = data::stream_npz(file, inputs, options.limit)) {
      set.whole_ = std::move(*stream);
      set.indices_ = all_of(set.whole_->size());
      set.description_ = fmt::format("{} sample{} from {}", set.size(), set.size() == 1 ? "" : "s", printable(path.string()));
      return set;
    }
  }
  auto held = is_packaged(path) && !is_packaged_text(path) ? read_packaged(path, inputs, options, cancel)
                                                           : read_samples_of(file, path, inputs, options);
  if (!held) return tl::unexpected(held.error());
  held->labels.reset();
  set.held_ = std::make_shared<const data::InputSet>(std::move(*held));
  set.whole_ = data::stream_of(set.held_->samples);
  set.indices_ = all_of(set.held_->samples.size());
  set.description_ = set.held_->description;
  return set;
}

Result<data::InputSet> SampleSet::digests() const {
  data::InputSet digests;
  digests.description = description_;
  for (const std::size_t index : indices_) {
    const auto sample = whole_->read(index);
    if (!sample) return tl::unexpected(sample.error());
    digests.samples.push_back(stand_in(data::content_hash(*sample)));
    const bool is_named = held_ && index < held_->sources.size();
    digests.sources.push_back(is_named ? held_->sources[index] : data::SampleSource{fmt::format("sample {}", index + 1), {}});
  }
  return digests;
}

SampleSet SampleSet::part(const data::InputSet& digests, const data::InputSet& wanted, const std::string& purpose) const {
  const std::set<data::Sample> contents(wanted.samples.begin(), wanted.samples.end());
  SampleSet part = *this;
  part.indices_.clear();
  for (std::size_t i = 0; i < indices_.size(); ++i) {
    if (contents.contains(digests.samples[i])) part.indices_.push_back(indices_[i]);
  }
  part.description_ = fmt::format("{} of {}, for {}", part.size(), description_, purpose);
  return part;
}

Result<std::pair<SampleSet, SampleSet>> SampleSet::split(std::size_t calibration, std::uint64_t seed) const {
  const auto all = digests();
  if (!all) return tl::unexpected(all.error());
  const auto parts = data::split(*all, calibration, seed);
  if (!parts) return tl::unexpected(parts.error());
  return std::pair(part(*all, parts->calibration, "calibration"), part(*all, parts->test, "judging"));
}

Result<void> SampleSet::check_disjoint(const SampleSet& calibration, const SampleSet& test) {
  const auto seen = calibration.digests();
  if (!seen) return tl::unexpected(seen.error());
  const auto judged = test.digests();
  if (!judged) return tl::unexpected(judged.error());
  return data::check_disjoint(*seen, *judged);
}

}  // namespace podium::api
