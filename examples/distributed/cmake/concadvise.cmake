# concadvise_lint(TARGET...): adds a target `lint` that makes facts of the targets' C and C++ sources, as the build makes their
# objects, and links them to findings. `ninja lint` does again what changed, headers included.
find_program(CONCADVISE concadvise REQUIRED)

function(concadvise_lint)
  set(all_facts)
  foreach(target ${ARGN})
    get_target_property(sources ${target} SOURCES)
    get_target_property(folder ${target} SOURCE_DIR)
    # The target's flags, its own and those it inherits. An empty list must not leave a lone -I or -D.
    set(includes "$<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>")
    set(definitions "$<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>")
    set(flags "$<TARGET_PROPERTY:${target},COMPILE_OPTIONS>"
              "$<$<BOOL:${includes}>:-I$<JOIN:${includes},;-I>>"
              "$<$<BOOL:${definitions}>:-D$<JOIN:${definitions},;-D>>")
    foreach(source ${sources})
      if(NOT source MATCHES "\\.(c|cc|cpp|cxx)$")
        continue()
      endif()
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder} NORMALIZE)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE name)
      set(out ${CMAKE_BINARY_DIR}/facts/${target}/${name}.facts)
      cmake_path(GET out PARENT_PATH out_folder)
      file(MAKE_DIRECTORY ${out_folder})
      set(standard "")
      get_target_property(level ${target} CXX_STANDARD)
      if(level AND NOT source MATCHES "\\.c$")
        set(standard -std=gnu++${level})
      endif()
      add_custom_command(OUTPUT ${out}
        COMMAND ${CONCADVISE} facts ${source} -o ${out} --depfile ${out}.d -- ${standard} "${flags}"
        DEPENDS ${source} DEPFILE ${out}.d COMMAND_EXPAND_LISTS VERBATIM COMMENT "Facts of ${name}")
      list(APPEND all_facts ${out})
    endforeach()
  endforeach()
  list(JOIN all_facts "\n" lines)
  file(WRITE ${CMAKE_BINARY_DIR}/facts/list "${lines}\n")
  add_custom_target(lint COMMAND ${CONCADVISE} link @${CMAKE_BINARY_DIR}/facts/list DEPENDS ${all_facts} VERBATIM USES_TERMINAL)
endfunction()
