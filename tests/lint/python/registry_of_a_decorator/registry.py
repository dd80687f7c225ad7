# expect: none
import functools

JOBS = {}


def job(name):
    def keep(function):
        JOBS[name] = function
        return function

    return keep


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        print(function.__name__)
        return function(*args)

    return wrapper
