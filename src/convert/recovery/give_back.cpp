#include "convert/recovery/give_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

#include "convert/recovery/output_quality.h"

namespace podium::convert {

namespace {

/// Inputs that are enough to tell a bad layer from a good one: the order of the layers needs no more, and each try costs a run over them.
constexpr std::int64_t ordering_inputs = 16;

/// Into how many a group of layers is split. Four finds one bad layer among many in as few runs as two would, and needs a third more runs
/// than there are layers where all are alike; two would need twice as many.
constexpr std::size_t parts_of_a_group = 4;

/// Of the layers that cost most, as many as one reads.
constexpr std::size_t most_told = 3;

tl::unexpected<Error> cancelled() {
  return fail(ErrorCode::cancelled, "the search for sensitive layers was cancelled");
}

/// How many of the first batches hold enough inputs, by the leading axis of the first output.
std::int64_t batches_to_order_by(const Outputs& baseline) {
  std::int64_t inputs = 0;
  std::int64_t batches = 0;
  for (const Outputs::Batch& batch : baseline.batches) {
    if (inputs >= ordering_inputs) break;
    const bool has_axis = !batch.shapes.empty() && !batch.shapes.front().empty();
    inputs += has_axis ? batch.shapes.front().front() : 1;
    ++batches;
  }
  return batches;
}

/// Finds layers one after another, the one whose conversion alone harms the outputs most first.
///
/// Groups of neighbouring layers are converted, the group that harms most is split, and so on down to one layer. That what a group costs is
/// no less than what each of its layers costs is assumed: errors add up, but for those that happen to cancel out.
///
/// The outputs are looked at, one run for each group, and not the layer's own output, which one run of all layers would show: what an error
/// does to the outputs depends on all that follows, a residual sum above all, and no weight that is known without gradients tells it.
class WorstFirst {
 public:
  WorstFirst(const ::onnx::ModelProto& model, PartialConversion& conversion, ActivationSource& source, const Progress& progress,
             std::size_t trials)
      : model_(model), conversion_(conversion), source_(source), progress_(progress), most_trials_(trials) {}

  /// The worst first. Where the trials were used up, those of a group that could not be split any more have its loss, one behind the other.
  [[nodiscard]] const std::vector<Loss>& found() const noexcept { return found_; }
  [[nodiscard]] bool ended_early() const noexcept { return ended_early_; }
  /// Those that were converted alone.
  [[nodiscard]] std::vector<Loss> worst() const {
    const std::size_t alone = ended_early_ ? found_alone_ : found_.size();
    return {found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(std::min(most_told, alone))};
  }

  /// Finds more, until `count` are found or there is none left.
  [[nodiscard]] Result<void> find(std::size_t count) {
    if (auto begun = begin(); !begun) return begun;
    while (found_.size() < std::min(count, conversion_.layers().size())) {
      const auto worst = std::min_element(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) {
        return std::pair(a.sqnr_db, a.first) < std::pair(b.sqnr_db, b.first);
      });
      const Group group = *worst;
      groups_.erase(worst);
      if (group.count > 1 && trials_ + parts_of(group) <= most_trials_) {
        if (auto done = split(group); !done) return done;
      } else {
        take(group);
      }
    }
    return {};
  }

  [[nodiscard]] std::set<std::string> first(std::size_t count) const {
    std::set<std::string> layers;
    for (std::size_t i = 0; i < count; ++i) layers.insert(found_[i].layer);
    return layers;
  }

 private:
  /// Neighbours in the graph.
  struct Group {
    std::size_t first = 0;
    std::size_t count = 0;
    double sqnr_db = 0.0;
  };

  [[nodiscard]] static std::size_t parts_of(const Group& group) { return std::min(parts_of_a_group, group.count); }

  void take(const Group& group) {
    if (group.count > 1 && !std::exchange(ended_early_, true)) found_alone_ = found_.size();
    for (std::size_t i = 0; i < group.count; ++i) found_.push_back({conversion_.layers()[group.first + i], group.sqnr_db});
  }

  [[nodiscard]] Result<void> begin() {
    if (!baseline_.batches.empty()) return {};
    Result<Outputs> baseline = run_outputs(model_, source_, source_.batches(), progress_);
    if (!baseline) return tl::unexpected(baseline.error());
    baseline_ = std::move(*baseline);
    if (!conversion_.layers().empty()) return split({0, conversion_.layers().size(), 0.0});
    return {};
  }

  [[nodiscard]] Result<void> split(const Group& group) {
    const std::size_t parts = parts_of(group);
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t begin = group.first + part * group.count / parts;
      const std::size_t end = group.first + (part + 1) * group.count / parts;
      Result<double> sqnr = sqnr_of(begin, end);
      if (!sqnr) return tl::unexpected(sqnr.error());
      groups_.push_back({begin, end - begin, *sqnr});
    }
    return {};
  }

  [[nodiscard]] Result<double> sqnr_of(std::size_t begin, std::size_t end) {
    if (progress_.is_cancelled()) return cancelled();
    const std::vector<std::string>& layers = conversion_.layers();
    ++trials_;
    // Where every group is split down to single layers, there are fewer than twice as many groups as layers.
    const std::size_t at_most = std::min(most_trials_, 2 * layers.size());
    progress_.on_step("finding the error of each layer", static_cast<std::int64_t>(trials_), static_cast<std::int64_t>(at_most));
    const std::set<std::string> converted(layers.begin() + static_cast<std::ptrdiff_t>(begin),
                                          layers.begin() + static_cast<std::ptrdiff_t>(end));
    const Result<::onnx::ModelProto> model = conversion_.only(converted);
    if (!model) return tl::unexpected(model.error());
    const Result<Outputs> outputs = run_outputs(*model, source_, batches_to_order_by(baseline_), progress_);
    if (!outputs) return tl::unexpected(outputs.error());
    return sqnr_db(baseline_, *outputs);
  }

  const ::onnx::ModelProto& model_;
  PartialConversion& conversion_;
  ActivationSource& source_;
  const Progress& progress_;
  const std::size_t most_trials_;
  std::size_t trials_ = 0;
  Outputs baseline_;
  std::vector<Group> groups_;
  std::vector<Loss> found_;
  std::size_t found_alone_ = 0;  ///< before the trials were used up
  bool ended_early_ = false;
};

Result<bool> holds_without(PartialConversion& conversion, const std::set<std::string>& wide, const Holds& holds) {
  const Result<::onnx::ModelProto> model = conversion.without(wide);
  if (!model) return tl::unexpected(model.error());
  return holds(*model);
}

/// The least count of layers, the worst first, that must stay wide. That none is not enough is known, and that all are, since the float
/// model is; that one more never makes it worse is assumed. Where it does, the bound holds for the count found all the same, but a smaller
/// one may be missed. Small counts are tried first: only the layers that are tried need to be found.
class LeastCount {
 public:
  LeastCount(PartialConversion& conversion, WorstFirst& order, const Holds& holds, const Progress& progress)
      : conversion_(conversion), order_(order), holds_(holds), progress_(progress), enough_(conversion.layers().size()) {}

  [[nodiscard]] Result<std::size_t> find() {
    for (std::size_t tried = 1; tried < enough_; tried *= 2) {
      if (auto done = try_count(tried); !done) return tl::unexpected(done.error());
    }
    while (enough_ - too_few_ > 1) {
      if (auto done = try_count(too_few_ + (enough_ - too_few_) / 2); !done) return tl::unexpected(done.error());
    }
    return enough_;
  }

 private:
  [[nodiscard]] Result<void> try_count(std::size_t tried) {
    if (auto found = order_.find(tried); !found) return found;
    if (progress_.is_cancelled()) return cancelled();
    const std::size_t all = conversion_.layers().size();
    progress_.on_step(fmt::format("trying {} of {} layers in float", tried, all), static_cast<std::int64_t>(tried),
                      static_cast<std::int64_t>(all));
    const Result<bool> holds_now = holds_without(conversion_, order_.first(tried), holds_);
    if (!holds_now) return tl::unexpected(holds_now.error());
    (*holds_now ? enough_ : too_few_) = tried;
    return {};
  }

  PartialConversion& conversion_;
  WorstFirst& order_;
  const Holds& holds_;
  const Progress& progress_;
  std::size_t too_few_ = 0;
  std::size_t enough_;
};

}  // namespace

Result<GivenBack> give_back(const ::onnx::ModelProto& model, PartialConversion& conversion, ActivationSource& source, const Holds& holds,
                            const Progress& progress, std::size_t trials) {
  const Result<bool> holds_already = holds_without(conversion, {}, holds);
  if (!holds_already) return tl::unexpected(holds_already.error());
  if (*holds_already) return GivenBack{{}, true};
  const Result<bool> holds_in_float = holds(model);
  if (!holds_in_float) return tl::unexpected(holds_in_float.error());
  if (!*holds_in_float || conversion.layers().empty()) return GivenBack{conversion.layers(), false};

  WorstFirst order(model, conversion, source, progress, trials);
  const Result<std::size_t> count = LeastCount(conversion, order, holds, progress).find();
  if (!count) return tl::unexpected(count.error());
  GivenBack given_back{{}, true, order.worst(), order.ended_early()};
  if (*count == conversion.layers().size()) given_back.layers = conversion.layers();
  for (std::size_t i = given_back.layers.size(); i < *count; ++i) given_back.layers.push_back(order.found()[i].layer);
  return given_back;
}

Result<std::vector<Loss>> worst_layers(const ::onnx::ModelProto& model, PartialConversion& conversion, ActivationSource& source,
                                       std::size_t count, const Progress& progress) {
  WorstFirst order(model, conversion, source, progress, std::numeric_limits<std::size_t>::max());
  if (auto found = order.find(count); !found) return tl::unexpected(found.error());
  std::vector<Loss> worst = order.found();
  return worst;
}

}  // namespace podium::convert
