# expect: none
from .clock import wait_a_bit
