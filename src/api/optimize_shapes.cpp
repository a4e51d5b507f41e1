#include "api/optimize_shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "api/optimize_run.h"
#include "core/tensor_view.h"
#include "core/text.h"
#include "podium/report.h"

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
      return fail(
          ErrorCode::wrong_use,
          fmt::format("the model is another one at {}, since its axes are not free there, and an artefact is of one", in_words(at.shapes)),
          "give it as ONNX with free axes, or make an artefact for each size");
    }
    report->seconds += more->seconds;
    report->more_shapes.push_back(
        {at.shapes, std::move(more->results), std::move(more->log), std::move(more->winners), std::move(more->verdict)});
  }
  return report;
}

}  // namespace podium::api
