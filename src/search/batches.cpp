#include "search/batches.h"

#include <algorithm>
#include <span>

#include "core/tensor_view.h"

namespace podium::search {
namespace {

constexpr std::uint64_t alignment = 64;

std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

/// Bytes of one input of one batch: `batch` samples one behind the other, starting at `first` and wrapping round.
std::vector<std::byte> gather(const data::InputSet& inputs, std::size_t input, std::size_t first, std::size_t count) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& sample = inputs.samples[(first + i) % inputs.samples.size()][input];
    bytes.insert(bytes.end(), sample.begin(), sample.end());
  }
  return bytes;
}

}  // namespace

Result<Batches> make_batches(const data::InputSet& inputs, const ModelInputs& model, std::int64_t batch) {
  if (inputs.samples.empty())
    return fail(ErrorCode::bad_input, "there are no inputs to run the model on", "give a folder of pictures or an .npz with --data");
  const auto rows = static_cast<std::size_t>(batch);
  const std::size_t count = (inputs.samples.size() + rows - 1) / rows;
  std::vector<std::vector<std::vector<std::byte>>> bytes(count);
  for (std::size_t b = 0; b < count; ++b) {
    for (std::size_t i = 0; i < model.inputs.size(); ++i) {
      bytes[b].push_back(gather(inputs, i, b * rows, model.inputs[i].has_batch_axis ? rows : 1));
    }
  }
  std::vector<worker::InputLayout> layout;
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    worker::InputLayout entry{model.inputs[i].name, model.inputs[i].type, model.inputs[i].at_batch(batch), {}};
    for (std::size_t b = 0; b < count; ++b) {
      entry.offsets.push_back(offset);
      offset += aligned(bytes[b][i].size());
    }
    layout.push_back(std::move(entry));
  }
  std::vector<std::vector<std::span<const std::byte>>> views(count);
  for (std::size_t b = 0; b < count; ++b) views[b].assign(bytes[b].begin(), bytes[b].end());
  auto memory = worker::InputMemory::create(std::move(layout), views);
  if (!memory) return tl::unexpected(memory.error());
  return Batches{std::move(*memory), batch, inputs.samples.size()};
}

std::vector<backend::InputSpec> input_specs(const worker::InputMemory& memory) {
  std::vector<backend::InputSpec> specs;
  for (const worker::InputLayout& input : memory.layout()) specs.push_back({input.name, input.type, input.shape});
  return specs;
}

std::vector<Row> rows_of(const worker::Answers& answers, const Batches& batches) {
  std::vector<Row> rows;
  const auto batch = static_cast<std::size_t>(batches.batch);
  for (const auto& outputs : answers.batches) {
    const bool splits = std::all_of(outputs.begin(), outputs.end(), [&](const worker::OutputTensor& output) {
      return !output.shape.empty() && output.shape.front() == batches.batch && output.values.size() % batch == 0;
    });
    const std::size_t parts = splits ? batch : 1;
    for (std::size_t part = 0; part < parts && rows.size() < batches.samples; ++part) {
      Row row;
      for (const worker::OutputTensor& output : outputs) {
        const auto length = static_cast<std::ptrdiff_t>(output.values.size() / parts);
        const auto begin = output.values.begin() + static_cast<std::ptrdiff_t>(part) * length;
        row.emplace_back(begin, begin + length);
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace podium::search
