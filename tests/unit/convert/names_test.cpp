#include <gtest/gtest.h>

#include "convert/quantize.h"

namespace podium::convert {
namespace {

void add(::onnx::GraphProto& graph, const char* type, const char* name) {
  auto& node = *graph.add_node();
  node.set_op_type(type);
  node.set_name(name);
}

TEST(NameNodes, GivesEachNodeANameOfItsOwnAndKeepsThoseThatAre) {
  ::onnx::GraphProto graph;
  add(graph, "Relu", "");
  add(graph, "Conv", "first");
  add(graph, "Conv", "first");
  add(graph, "Relu", "Relu_0");
  name_nodes(graph);
  EXPECT_EQ(graph.node(0).name(), "Relu_1");
  EXPECT_EQ(graph.node(1).name(), "first");
  EXPECT_EQ(graph.node(2).name(), "Conv_2");
  EXPECT_EQ(graph.node(3).name(), "Relu_0");
}

}  // namespace
}  // namespace podium::convert
