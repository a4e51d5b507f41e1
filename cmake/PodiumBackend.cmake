# podium_add_backend(NAME SOURCES … LIBRARIES …): the module podium-backend-NAME.so of a backend outside Podium's repository and, from its own
# descriptor(), NAME.json beside it; `cmake --install` puts both where podium looks for them. One source ends with PODIUM_BACKEND_MODULE(Class).
set(podium_backend_tools "${CMAKE_CURRENT_LIST_DIR}")

function(podium_add_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_library(podium-backend-${name} MODULE ${arg_SOURCES})
  set_target_properties(podium-backend-${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden)
  target_link_libraries(podium-backend-${name} PRIVATE podium::backend ${arg_LIBRARIES})
  # It shows its one C entry and nothing else, as Podium's own modules do: its copies of libraries must not meet those of an engine.
  target_link_options(podium-backend-${name} PRIVATE "LINKER:--version-script=${podium_backend_tools}/backend-module.map")
  set(described "${CMAKE_CURRENT_BINARY_DIR}/${name}.json")
  add_custom_command(TARGET podium-backend-${name} POST_BUILD
                     COMMAND "${podium_backend_tools}/podium-worker" --module $<TARGET_FILE:podium-backend-${name}> --describe "${described}"
                     COMMENT "Describing backend ${name}" VERBATIM)
  install(TARGETS podium-backend-${name} LIBRARY DESTINATION "${podium_BACKENDS_DIR}")
  install(FILES "${described}" DESTINATION "${podium_BACKENDS_DIR}")
endfunction()
