#pragma once

void flush_to_storage();
