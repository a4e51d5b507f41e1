#include "data/sample_stream.h"

#include <utility>

namespace podium::data {
namespace {

class SamplesInMemory final : public SampleStream {
 public:
  explicit SamplesInMemory(const std::vector<Sample>& samples) : samples_(samples) {}
  [[nodiscard]] std::size_t size() const override { return samples_.size(); }
  [[nodiscard]] Result<Sample> read(std::size_t index) override { return samples_.at(index); }

 private:
  const std::vector<Sample>& samples_;
};

class PartOfStream final : public SampleStream {
 public:
  PartOfStream(SampleStream& whole, std::vector<std::size_t> indices) : whole_(whole), indices_(std::move(indices)) {}
  [[nodiscard]] std::size_t size() const override { return indices_.size(); }
  [[nodiscard]] Result<Sample> read(std::size_t index) override { return whole_.read(indices_.at(index)); }

 private:
  SampleStream& whole_;
  std::vector<std::size_t> indices_;
};

}  // namespace

std::unique_ptr<SampleStream> part_of(SampleStream& whole, std::vector<std::size_t> indices) {
  return std::make_unique<PartOfStream>(whole, std::move(indices));
}

std::unique_ptr<SampleStream> stream_of(const std::vector<Sample>& samples) {
  return std::make_unique<SamplesInMemory>(samples);
}

}  // namespace podium::data
