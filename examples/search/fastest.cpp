// Finds the fastest way of running a model of rows of four numbers on this machine, within a budget, and answers one row with it.
// usage: fastest MODEL SECONDS [BACKEND...]
#include <podium/optimize.h>

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: fastest MODEL SECONDS [BACKEND...]\n";
    return 2;
  }
  try {
    podium::OptimizeRequest options;
    options.what.budget = std::chrono::seconds(std::stoi(arguments[2]));
    options.what.backends.assign(arguments + 3, arguments + count);
    options.speed_only = true;  // with real inputs: options.what.data, and options.what.max_drop or options.min_sqnr_db

    const podium::Optimized best = podium::optimize(arguments[1], options);
    const std::vector<float> row{0.25F, 0.5F, 0.75F, 1.0F};
    const std::vector<podium::Tensor> outputs = best.run({podium::Tensor::view("", row, {1, 4})});

    std::cout << best.report().winners.front().cell << "\n" << outputs.front().name();
    for (const float value : outputs.front().values<float>()) std::cout << " " << value;
    std::cout << "\n";
  } catch (const podium::Exception& exception) {
    std::cerr << exception.error().message << "\n" << exception.error().remedy << "\n";
    return 1;
  }
}
