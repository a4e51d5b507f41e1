// OpenVINO's C++ API: one inference request, its input tensor over the caller's memory. float32 is asked for as Podium asks for it:
// left alone, OpenVINO computes in bfloat16 on processors that have it.
#include <openvino/openvino.hpp>

#include "handwritten.h"

namespace {

void measure(handwritten::Arguments& arguments) {
  ov::Core core;
  const auto model = core.read_model(arguments.model);
  const ov::Shape shape(arguments.shape.begin(), arguments.shape.end());
  model->reshape(ov::PartialShape(shape));
  auto compiled = core.compile_model(model, "CPU", ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
                                     ov::hint::inference_precision(ov::element::f32), ov::inference_num_threads(arguments.threads));
  auto request = compiled.create_infer_request();
  handwritten::serve(arguments, [&](float* batch) {
    request.set_input_tensor(ov::Tensor(ov::element::f32, shape, batch));
    request.infer();
    request.get_output_tensor().data();
  });
}

}  // namespace

int main(int count, char** words) { return handwritten::guarded_main(count, words, measure); }
