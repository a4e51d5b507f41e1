#include "search/throughput_run.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "measure/schedule.h"
#include "search/gate.h"
#include "search/request_search.h"

namespace podium::search {
namespace {

using std::chrono::nanoseconds;

/// The units of the interval. Each is a process of its own.
constexpr int launches = 3;
constexpr int blocks_a_launch = 2;
constexpr nanoseconds shortest_block{20'000'000};
/// More in flight than this for each thread only wait.
constexpr std::int64_t requests_a_thread = 2;

/// A cell whose best number of requests is sought.
struct Contender {
  LiveCell* live = nullptr;
  RequestSearch search;
  std::optional<PreparedModel> model;
  std::map<std::int64_t, std::vector<double>> rates;  ///< requests in flight → inputs a second of each launch
  std::string failed;                                 ///< why it is out
  bool is_finished = false;                           ///< its figure is kept, or the reason why there is none

  [[nodiscard]] bool is_open() const { return failed.empty() && search.next().has_value(); }
};

class ThroughputRun {
 public:
  ThroughputRun(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request, const BatchRunHooks& hooks,
                const CancelToken& cancel)
      : batches_(batches), request_(request), hooks_(hooks), cancel_(cancel), specs_(input_specs(batches.memory)), order_(request.seed) {
    const std::int64_t most = requests_a_thread * request.threads;
    for (LiveCell& cell : cells) {
      const bool is_measured = cell.cell.throughput.has_value() && !cell.cell.is_baseline;  // by an earlier run
      if (cell.cell.status == CellStatus::ok && !is_measured)
        contenders_.push_back({&cell, RequestSearch(most), std::nullopt, {}, {}, false});
    }
    // The others' answers are judged against the baseline's, so it has to answer first.
    std::stable_partition(contenders_.begin(), contenders_.end(), [](const Contender& it) { return it.live->cell.is_baseline; });
    const auto pieces = static_cast<double>(steps_to(most) * launches * blocks_a_launch);
    block_ = std::max(nanoseconds(static_cast<std::int64_t>(request.throughput_budget.count() * 1e9 / pieces)), shortest_block);
  }

  Result<void> run() {
    while (!open().empty() && !must_stop()) {
      try_next_number();
      keep_what_is_known();
    }
    if (measured_s_ > 0.0) hooks_.on_measure(measured_s_, measured_s_, "throughput");  // once: the owner keeps count of a budget
    for (Contender& contender : contenders_) {
      if (!contender.is_finished) finish(contender);
    }
    return broken_ ? Result<void>(tl::unexpected(*broken_)) : Result<void>{};
  }

 private:
  std::vector<std::size_t> open() const {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < contenders_.size(); ++i) {
      if (contenders_[i].is_open()) indices.push_back(i);
    }
    return indices;
  }

  /// One number of requests for every cell whose search goes on, launch by launch.
  void try_next_number() {
    for (int launch = 0; launch < launches; ++launch) {
      const std::vector<std::size_t> running = open();
      if (running.empty()) return;
      std::vector<std::size_t> order = order_.next(running);
      const bool baseline_first = reference_.empty() && contenders_.front().live->cell.is_baseline;
      if (baseline_first) std::sort(order.begin(), order.end());
      for (const std::size_t index : order) {
        if (must_stop()) return;
        if (contenders_[index].is_open()) launch_once(contenders_[index]);
      }
    }
    for (const std::size_t index : open()) {
      Contender& contender = contenders_[index];
      contender.search.tell(mean_rate(contender.rates[*contender.search.next()]).per_s);
    }
  }

  /// Written at once, so that a run that is cut off loses the cells under way alone.
  void keep_what_is_known() {
    for (Contender& contender : contenders_) {
      if (!contender.is_finished && !contender.is_open() && !must_stop()) finish(contender);
    }
  }

  void launch_once(Contender& contender) {
    const std::int64_t requests = *contender.search.next();
    const auto done =
        static_cast<std::size_t>(std::count_if(contenders_.begin(), contenders_.end(), [](const Contender& it) { return !it.is_open(); }));
    hooks_.on_stage("throughput", fmt::format("{}, {} in flight", contender.live->cell.id, requests), done, contenders_.size());
    auto worker = load(contender, requests);
    if (!worker) return end(contender, requests, worker.error());
    auto answers = worker->answers(batches_.memory.batches());
    if (!answers) return end(contender, requests, answers.error());
    if (!judge_answers(contender, requests, rows_of(*answers, batches_))) return;
    const auto rate = measure(contender, *worker, requests);
    worker->quit();
    if (!rate) return end(contender, requests, rate.error());
    if (contender.failed.empty()) contender.rates[requests].push_back(*rate);
  }

  worker::Outcome<worker::Worker> load(Contender& contender, std::int64_t requests) {
    const LiveCell& live = *contender.live;
    if (!contender.model) {
      auto model = hooks_.prepare(live.candidate, specs_, live.build);
      if (!model) return tl::unexpected(worker::WorkerError{model.error(), {}});
      contender.model = std::move(*model);
    }
    auto worker = worker::Worker::start(hooks_.command(live.candidate), request_.limits, batches_.memory,
                                        request_.logs / log_name(live.cell.id, ".throughput.log"), cancel_);
    if (!worker) return worker;
    backend::LoadRequest load = load_request(live, specs_, request_.threads);
    load.model = contender.model->path;
    load.cache = contender.model->cache;
    load.requests = requests;
    if (auto loaded = worker->load(load); !loaded) return tl::unexpected(loaded.error());
    return worker;
  }

  /// An engine that is set up for several requests is set up otherwise than the one whose answers were judged.
  bool judge_answers(Contender& contender, std::int64_t requests, std::vector<Row> rows) {
    if (contender.live->cell.is_baseline && reference_.empty()) reference_ = std::move(rows);
    if (contender.live->cell.is_baseline || reference_.empty()) return true;
    const OutputError error = judge(reference_, rows, contender.live->cell.precision);
    if (error.verdict != Verdict::disagrees) return true;
    reject(contender, fmt::format("set up for {} requests in flight: {}", requests, error.reason));
    return false;
  }

  /// Inputs a second over the blocks of one launch.
  worker::Outcome<double> measure(Contender& contender, worker::Worker& worker, std::int64_t requests) {
    double calls = 0.0;
    double elapsed_s = 0.0;
    for (int block = 0; block < blocks_a_launch; ++block) {
      const auto figures = worker.throughput({block_, requests});
      if (!figures) return tl::unexpected(figures.error());
      if (!figures->mismatch.empty()) {
        reject(contender, figures->mismatch);
        return 0.0;
      }
      calls += static_cast<double>(figures->calls);
      elapsed_s += static_cast<double>(figures->elapsed_ns) * 1e-9;
    }
    measured_s_ += elapsed_s;
    return calls * static_cast<double>(batches_.batch) / elapsed_s;
  }

  void end(Contender& contender, std::int64_t requests, const worker::WorkerError& error) {
    if (error.error.code == ErrorCode::cancelled) return;
    // An engine that answers one request at a time has a throughput all the same.
    if (error.error.code == ErrorCode::unsupported && contender.search.best() > 0) return contender.search.end();
    contender.failed = fmt::format("with {} requests in flight: {}", requests, error.error.message);
    hooks_.on_message(fmt::format("throughput of {} is not known: {}", contender.live->cell.id, contender.failed));
  }

  void reject(Contender& contender, const std::string& reason) {
    Cell& cell = contender.live->cell;
    contender.failed = "wrong answers: " + reason;
    cell.status = CellStatus::rejected;
    cell.reason = contender.failed;
    cell.failure = Failure{"wrong_output", std::nullopt, {}};
    cell.output_error.verdict = Verdict::disagrees;
    cell.output_error.reason = reason;
  }

  void finish(Contender& contender) {
    contender.is_finished = true;
    Cell& cell = contender.live->cell;
    const std::int64_t best = contender.search.best();
    // A search that was cut off has not found the best.
    const bool cut_off = contender.failed.empty() && contender.is_open();
    if (contender.failed.empty() && !cut_off) {
      const MeanRate rate = mean_rate(contender.rates[best]);
      cell.throughput = Throughput{rate.per_s, rate.ci95, best, {}};
      for (const auto& [requests, rates] : contender.rates) {
        if (!rates.empty()) cell.throughput->tried[std::to_string(requests)] = mean_rate(rates).per_s;
      }
      cell.throughput_per_s = rate.per_s;
      cell.missing.erase("throughput");
      cell.missing.erase("throughput_per_s");
    } else {
      const std::string reason = cut_off ? "the run was stopped before the best number of requests was found" : contender.failed;
      cell.missing["throughput"] = reason;
      cell.missing["throughput_per_s"] = reason;
    }
    if (broken_) return;
    if (auto kept = hooks_.on_cell(cell); !kept) broken_ = kept.error();
  }

  bool must_stop() const { return broken_.has_value() || cancel_.requested(); }

  const Batches& batches_;
  const BatchRunRequest& request_;
  const BatchRunHooks& hooks_;
  const CancelToken& cancel_;
  std::vector<backend::InputSpec> specs_;
  measure::RoundOrder order_;
  std::vector<Contender> contenders_;
  std::vector<Row> reference_;
  nanoseconds block_{0};
  double measured_s_ = 0.0;
  std::optional<Error> broken_;
};

}  // namespace

Result<void> run_throughput(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request,
                            const BatchRunHooks& hooks, const CancelToken& cancel) {
  return ThroughputRun(cells, batches, request, hooks, cancel).run();
}

}  // namespace podium::search
