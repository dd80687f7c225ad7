# expect: 11 blocking-in-coroutine
import boto3


class Uploader:
    def __init__(self, bucket):
        self.s3 = boto3.client("s3", region_name="eu-west-1")
        self.bucket = bucket

    async def put(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return self.s3.generate_presigned_url("get_object", Params={"Key": key})
