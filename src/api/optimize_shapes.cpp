#include "api/optimize_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "api/optimize_run.h"
#include "api/take_in.h"
#include "cache/cache.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "podium/report.h"
#include "search/model_inputs.h"

namespace podium::api {
namespace {

std::string in_words(const std::map<std::string, Shape>& shapes) {
  std::vector<std::string> each;
  for (const auto& [input, shape] : shapes) each.push_back(fmt::format("{}={}", printable(input), to_string(shape)));
  return join(each, ", ");
}

std::string backend_of(const std::string& cell) {
  return cell.substr(0, cell.find('/'));
}

std::string backend_of_option(const std::string& option) {
  return option.substr(0, option.find('.'));
}

/// "r.2.json" for the second set of shapes; nothing where no file is asked for.
std::filesystem::path file_of_part(const std::filesystem::path& file, std::size_t part) {
  if (file.empty()) return {};
  std::filesystem::path own = file;
  return own.replace_filename(fmt::format("{}.{}{}", file.stem().string(), part, file.extension().string()));
}

/// What an earlier set has not used is the next one's.
class SharedBudget {
 public:
  SharedBudget(std::chrono::duration<double> all, std::size_t parts) : all_(all), parts_(static_cast<double>(parts)) {}
  /// 0: no end.
  [[nodiscard]] std::chrono::duration<double> next() {
    if (all_.count() <= 0) return {};
    const std::chrono::duration<double> used = std::chrono::steady_clock::now() - start_;
    return std::max<std::chrono::duration<double>>(std::chrono::seconds(1), (all_ - used) / parts_--);
  }

 private:
  std::chrono::duration<double> all_;
  double parts_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string another_model_at(const std::map<std::string, Shape>& shapes) {
  return fmt::format("the model is another one at {}, since its axes are not free there, and an artefact is of one", in_words(shapes));
}

constexpr const char* mend_of_another = "give it as ONNX with free axes, or make an artefact for each size";

/// Finds out before anything is measured that the model cannot have all sizes that are asked for.
Result<void> check_sizes(const OptimizeRequest& request, const BenchRequest& what, BenchObserver& observer, const CancelToken& cancel) {
  if (request.more_shapes.empty() && what.batches.size() < 2) return {};
  auto cache = cache::Cache::open();
  if (!cache) return tl::unexpected(cache.error());
  const auto taken = take_in_alone(what, *cache, observer, cancel);
  if (!taken) return tl::unexpected(taken.error());
  const ModelFacts& model = taken->model.facts();
  const auto usual = search::concrete_inputs(model, what.shapes);
  if (!usual) return tl::unexpected(usual.error());
  for (const std::int64_t batch : what.batches) {
    if (const std::string refusal = usual->batch_refusal(batch); !refusal.empty())
      return fail(ErrorCode::wrong_use, fmt::format("--batch {}: {}", batch, refusal),
                  fmt::format("use --batch {}, or export the model with a free batch axis", *usual->fixed_batch));
  }
  for (const auto& shapes : request.more_shapes) {
    const auto there = search::concrete_inputs(model, shapes);
    if (there) continue;
    // PyTorch builds it anew for each size, which a search may compare, and an artefact cannot hold.
    const bool is_built_anew = model.origin == "torch";
    if (!is_built_anew) return tl::unexpected(there.error());
    if (!request.output.empty()) return fail(ErrorCode::wrong_use, another_model_at(shapes), mend_of_another);
  }
  return {};
}

Result<OptimizeReport> search_at(const OptimizeRequest& request, const BenchRequest& what, const std::string& home_engine,
                                 BenchObserver& observer, const CancelToken& cancel) {
  auto report = OptimizeRun(request, what, home_engine, observer, cancel).run();
  if (report && !what.json.empty()) write_file(what.json, to_json(report->results));
  return report;
}

void keep_to_engine(const std::string& backend, BenchRequest& request) {
  request.backends = {backend};
  std::erase_if(request.option_values, [&](const auto& option) { return backend_of_option(option.first) != backend; });
}

}  // namespace

Result<OptimizeReport> optimize_shapes(const OptimizeRequest& request, const BenchRequest& what, BenchObserver& observer,
                                       const CancelToken& cancel) {
  if (auto checked = check_sizes(request, what, observer, cancel); !checked) return tl::unexpected(checked.error());
  SharedBudget budget(what.budget, 1 + request.more_shapes.size());
  BenchRequest at = what;
  at.budget = budget.next();
  auto report = search_at(request, at, "", observer, cancel);
  if (!report || report->winners.empty()) return report;
  const std::string home_engine = backend_of(report->winners.front().cell);
  if (!request.multi_engine) keep_to_engine(home_engine, at);
  for (std::size_t i = 0; i < request.more_shapes.size() && !cancel.requested(); ++i) {
    at.shapes = request.more_shapes[i];
    at.budget = budget.next();
    at.json = file_of_part(what.json, i + 2);
    observer.on_message(fmt::format("now at {}{}", in_words(at.shapes), request.multi_engine ? "" : ", on " + home_engine));
    auto more = search_at(request, at, home_engine, observer, cancel);
    if (!more) return more;
    if (!request.output.empty() && more->results.model.sha256 != report->results.model.sha256) {
      return fail(ErrorCode::wrong_use, another_model_at(at.shapes), mend_of_another);
    }
    report->seconds += more->seconds;
    report->more_shapes.push_back(
        {at.shapes, std::move(more->results), std::move(more->log), std::move(more->winners), std::move(more->verdict)});
  }
  return report;
}

}  // namespace podium::api
