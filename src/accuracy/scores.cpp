#include "accuracy/scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "core/text.h"

namespace podium::accuracy {
namespace {

using Values = std::vector<double>;
using Samples = std::span<const std::size_t>;

std::vector<std::size_t> all_of(std::size_t samples) {
  std::vector<std::size_t> all(samples);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Scores with_figure(std::size_t samples, Figure figure) {
  Scores scores{samples, std::move(figure), 0.0, {}};
  scores.whole = scores.figure(all_of(samples));
  return scores;
}

Figure mean_figure(Values values) {
  return [values = std::make_shared<const Values>(std::move(values))](Samples samples) {
    double sum = 0.0;
    for (const std::size_t sample : samples) sum += (*values)[sample];
    return sum / static_cast<double>(samples.size());
  };
}

/// Drawing samples again tells nothing of a largest value: no draw goes beyond the one at hand.
Scores without_figure(Scores scores) {
  scores.figure = {};
  return scores;
}

Scores mean_of(Values values) {
  const std::size_t samples = values.size();
  return with_figure(samples, mean_figure(std::move(values)));
}

Scores share_of(std::vector<bool> hits) {
  Scores scores = mean_of(Values(hits.begin(), hits.end()));
  scores.hits = std::move(hits);
  return scores;
}

tl::unexpected<Error> not_a_score(const std::string& message) {
  return fail(ErrorCode::bad_input, message, "choose another --metric; 'podium inspect MODEL' shows the outputs");
}

/// The first output, with at least so many values in each row.
Result<void> check_first_output(Rows rows, std::size_t least, const char* wanted) {
  for (const Row& row : rows) {
    if (row.empty() || row.front().size() < least)
      return not_a_score(fmt::format("the first output has {} values a sample, and {}", row.empty() ? 0 : row.front().size(), wanted));
  }
  return {};
}

/// How many scores are higher than this one, or as high and before it. A score that is no number is higher than none, and has no place.
std::size_t place_of(const std::vector<float>& scores, std::size_t wanted) {
  if (std::isnan(scores[wanted])) return scores.size();
  std::size_t place = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > scores[wanted] || (scores[i] == scores[wanted] && i < wanted)) ++place;
  }
  return place;
}

Result<Scores> top(const ScoreRequest& request, std::size_t places) {
  if (auto checked = check_first_output(request.answers, 2, "scores of classes are at least two"); !checked)
    return tl::unexpected(checked.error());
  std::vector<bool> hits;
  for (std::size_t i = 0; i < request.answers.size(); ++i) {
    const std::vector<float>& scores = request.answers[i].front();
    const float label = request.labels->values[i];
    if (label >= static_cast<float>(scores.size())) {
      return fail(
          ErrorCode::bad_input,
          fmt::format("a label is {}, and the model tells {} classes apart (labels: {})", label, scores.size(), request.labels->source),
          "give labels that count the model's classes from 0, or --labels none");
    }
    hits.push_back(place_of(scores, static_cast<std::size_t>(label)) < places);
  }
  return share_of(std::move(hits));
}

Result<Scores> agreement(const ScoreRequest& request) {
  return agreements(request.baseline, request.answers).map(share_of);
}

/// OutputSums of every sample, output by output.
Result<std::vector<std::vector<OutputSums>>> differences(const ScoreRequest& request) {
  std::vector<std::vector<OutputSums>> outputs;
  for (std::size_t output = 0; output < request.baseline.front().size(); ++output) {
    if (lengths_vary(request.baseline, output)) continue;
    outputs.push_back(sums_of_rows(request.baseline, request.answers, output));
    for (const OutputSums& sample : outputs.back()) {
      if (!sample.finite) return not_a_score("the outputs hold infinities or values that are not numbers where the baseline's do not");
    }
  }
  if (outputs.empty()) return not_a_score("every output has another size for each input");
  return outputs;
}

using OfSums = double (*)(const OutputSums& sums);

/// The worst output of what `of` makes of the samples' sums.
Result<Scores> worst_output(const ScoreRequest& request, OfSums of, bool least_is_worst) {
  auto found = differences(request);
  if (!found) return tl::unexpected(found.error());
  return with_figure(request.answers.size(), [outputs = std::make_shared<const std::vector<std::vector<OutputSums>>>(std::move(*found)), of,
                                              least_is_worst](Samples samples) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double worst = least_is_worst ? infinity : -infinity;
    for (const std::vector<OutputSums>& output : *outputs) {
      OutputSums sums;
      for (const std::size_t sample : samples) sums += output[sample];
      worst = least_is_worst ? std::min(worst, of(sums)) : std::max(worst, of(sums));
    }
    return worst;
  });
}

/// Of each sample, by its worst output, then the mean over samples: what embeddings are compared by.
Result<Scores> cosine(const ScoreRequest& request) {
  const auto found = differences(request);
  if (!found) return tl::unexpected(found.error());
  Values cosines(request.answers.size(), 1.0);
  for (const std::vector<OutputSums>& output : *found) {
    for (std::size_t i = 0; i < output.size(); ++i) {
      const double one_is_zero = output[i].total == output[i].answer ? 1.0 : 0.0;
      cosines[i] = std::min(cosines[i], output[i].cosine().value_or(one_is_zero));
    }
  }
  return mean_of(std::move(cosines));
}

/// Errors of the first output against the labels: of each sample, the mean over its values of `of` the error.
Result<Values> label_errors(const ScoreRequest& request, double (*of)(double error)) {
  Values errors;
  for (std::size_t i = 0; i < request.answers.size(); ++i) {
    const Row& row = request.answers[i];
    const std::size_t width = request.labels->width;
    if (row.empty() || row.front().size() != width) {
      return not_a_score(
          fmt::format("the first output has {} values a sample, and the labels {}", row.empty() ? 0 : row.front().size(), width));
    }
    double sum = 0.0;
    for (std::size_t k = 0; k < width; ++k)
      sum += of(static_cast<double>(row.front()[k]) - static_cast<double>(request.labels->values[i * width + k]));
    errors.push_back(sum / static_cast<double>(width));
  }
  return errors;
}

Result<Scores> mean_absolute_error(const ScoreRequest& request) {
  return label_errors(request, [](double error) { return std::abs(error); }).map(mean_of);
}

Result<Scores> root_mean_squared_error(const ScoreRequest& request) {
  auto squares = label_errors(request, [](double error) { return error * error; });
  if (!squares) return tl::unexpected(squares.error());
  const std::size_t samples = squares->size();
  return with_figure(samples, [mean = mean_figure(std::move(*squares))](Samples chosen) { return std::sqrt(mean(chosen)); });
}

double cosine_between(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0.0;
  double size_a = 0.0;
  double size_b = 0.0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const auto x = static_cast<double>(a[i]);
    const auto y = static_cast<double>(b[i]);
    product += x * y;
    size_a += x * x;
    size_b += y * y;
  }
  return size_a > 0.0 && size_b > 0.0 ? product / std::sqrt(size_a * size_b) : 0.0;
}

Result<Scores> similarity(const ScoreRequest& request) {
  if (auto checked = check_first_output(request.answers, 2, "an embedding has at least two"); !checked)
    return tl::unexpected(checked.error());
  Values cosines;
  for (std::size_t pair = 0; pair < std::min(request.labels->rows(), request.answers.size() / 2); ++pair)
    cosines.push_back(cosine_between(request.answers[2 * pair].front(), request.answers[2 * pair + 1].front()));
  Values people;
  for (std::size_t pair = 0; pair < cosines.size(); ++pair)
    people.push_back(static_cast<double>(request.labels->values[pair * request.labels->width]));
  const std::size_t pairs = cosines.size();
  return with_figure(pairs, [cosines = std::move(cosines), people = std::move(people)](Samples samples) {
    Values a;
    Values b;
    for (const std::size_t sample : samples) {
      a.push_back(cosines[sample]);
      b.push_back(people[sample]);
    }
    return rank_correlation(a, b);
  });
}

/// One number is of all samples; as many as samples are one of each, and their mean is the figure.
Result<Scores> own(const ScoreRequest& request) {
  auto numbers = request.run_command(request.metric, request.answers, request.labels);
  if (!numbers) return tl::unexpected(numbers.error());
  if (numbers->size() == request.answers.size() && numbers->size() > 1) return mean_of(std::move(*numbers));
  if (numbers->size() == 1) return Scores{request.answers.size(), {}, numbers->front(), {}};
  return fail(ErrorCode::failed,
              fmt::format("the metric '{}:{}' gave {} numbers for {} samples", request.metric.name(), printable(request.metric.command),
                          numbers->size(), request.answers.size()),
              "let it give one number, or one for each sample");
}

Values ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order = all_of(values.size());
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  Values ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i) ranks[order[i]] = static_cast<double>(first + last) / 2.0;
    first = last + 1;
  }
  return ranks;
}

}  // namespace

Result<Scores> score(const ScoreRequest& request) {
  switch (request.metric.kind) {
    case MetricKind::top_1:
      return top(request, 1);
    case MetricKind::top_5:
      return top(request, 5);
    case MetricKind::agreement:
      return agreement(request);
    case MetricKind::cosine:
      return cosine(request);
    case MetricKind::sqnr:
      return worst_output(
          request, [](const OutputSums& sums) { return sums.sqnr_db(); }, true);
    case MetricKind::max_error:
      return worst_output(
                 request, [](const OutputSums& sums) { return sums.largest; }, false)
          .map(without_figure);
    case MetricKind::mean_error:
      return worst_output(
          request, [](const OutputSums& sums) { return sums.count > 0 ? sums.absolute / static_cast<double>(sums.count) : 0.0; }, false);
    case MetricKind::mae:
      return mean_absolute_error(request);
    case MetricKind::rmse:
      return root_mean_squared_error(request);
    case MetricKind::similarity:
      return similarity(request);
    case MetricKind::command:
    case MetricKind::python:
      return own(request);
  }
  return fail(ErrorCode::failed, "an unknown metric");
}

Result<std::vector<bool>> agreements(Rows baseline, Rows answers) {
  for (const Rows rows : {baseline, answers}) {
    if (auto checked = check_first_output(rows, 2, "agreement needs at least two"); !checked) return tl::unexpected(checked.error());
  }
  const auto first_place = [](const std::vector<float>& scores) {
    // A value that is no number never is the highest.
    const auto less = [](float a, float b) { return (std::isnan(a) && !std::isnan(b)) || a < b; };
    return std::max_element(scores.begin(), scores.end(), less) - scores.begin();
  };
  std::vector<bool> hits;
  for (std::size_t i = 0; i < answers.size(); ++i) hits.push_back(first_place(baseline[i].front()) == first_place(answers[i].front()));
  return hits;
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  const Values x = ranks_of(a);
  const Values y = ranks_of(b);
  const double mean = (static_cast<double>(x.size()) - 1.0) / 2.0;
  double product = 0.0;
  double size_x = 0.0;
  double size_y = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    product += (x[i] - mean) * (y[i] - mean);
    size_x += (x[i] - mean) * (x[i] - mean);
    size_y += (y[i] - mean) * (y[i] - mean);
  }
  return size_x > 0.0 && size_y > 0.0 ? product / std::sqrt(size_x * size_y) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace podium::accuracy
